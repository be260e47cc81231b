package dev.sluice.ingest;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * One URL that may be asked, taken apart once.
 *
 * @param host lower case, an IPv6 address without brackets
 * @param pathAndQuery as it goes into the request line
 */
record Target(boolean tls, String host, int port, String pathAndQuery, URI uri) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    private static final int MOST_PORT = 65_535;

    /** @throws FetchFailed for what is not a plain http or https URL */
    static Target of(String url) throws FetchFailed {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException malformed) {
            throw new FetchFailed(FetchFailed.Reason.REFUSED, "A URL is malformed");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        boolean tls = scheme.equals("https");
        if (!tls && !scheme.equals("http")) {
            throw new FetchFailed(FetchFailed.Reason.REFUSED, "Only http and https URLs are fetched");
        }
        if (uri.getHost() == null || uri.getRawUserInfo() != null || uri.getPort() > MOST_PORT || uri.getPort() == 0) {
            throw new FetchFailed(
                    FetchFailed.Reason.REFUSED, "A URL needs a host, a valid port if any, and no credentials");
        }
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        int port = uri.getPort() == -1 ? (tls ? HTTPS : HTTP) : uri.getPort();
        return new Target(tls, AllowedHosts.canonical(uri.getHost()), port, path + query, uri);
    }

    /** RFC 9110 §10.2.2: relative to where the redirect came from. */
    Target redirected(String location) throws FetchFailed {
        try {
            return of(uri.resolve(new URI(location)).toString());
        } catch (URISyntaxException | IllegalArgumentException malformed) {
            throw new FetchFailed(FetchFailed.Reason.BAD_ANSWER, label() + " redirects to a malformed URL");
        }
    }

    boolean isDefaultPort() {
        return port == (tls ? HTTPS : HTTP);
    }

    String bracketed() {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    String authority() {
        return bracketed() + ":" + port;
    }

    /** For people and logs: a query may hold a signature. */
    String label() {
        return bracketed() + (isDefaultPort() ? "" : ":" + port) + (uri.getRawPath() == null ? "" : uri.getRawPath());
    }

    @Override
    public String toString() {
        return label();
    }
}
