package dev.sluice.storage.s3;

import java.net.URI;

/**
 * How requests reach a bucket.
 *
 * @param base path before a key, without a slash at its end
 */
record S3Address(boolean secure, String host, int port, String base) {
    static S3Address of(S3Config config) {
        URI endpoint = config.endpoint();
        boolean secure = "https".equals(endpoint.getScheme());
        int port = endpoint.getPort() >= 0 ? endpoint.getPort() : secure ? 443 : 80;
        String path = endpoint.getRawPath().replaceAll("/+$", "");
        return switch (config.addressing()) {
            case PATH -> new S3Address(secure, endpoint.getHost(), port, path + "/" + config.bucket());
            case VIRTUAL_HOST -> new S3Address(secure, config.bucket() + "." + endpoint.getHost(), port, path);
        };
    }

    String scheme() {
        return secure ? "https" : "http";
    }

    /** @param key of letters, digits, dots, dashes and slashes; empty for the bucket itself */
    String path(String key) {
        return key.isEmpty() && !base.isEmpty() ? base : base + "/" + key;
    }
}
