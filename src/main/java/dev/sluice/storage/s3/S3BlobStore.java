package dev.sluice.storage.s3;

import dev.sluice.metrics.Meters;
import dev.sluice.storage.BlobChannel;
import dev.sluice.storage.BlobId;
import dev.sluice.storage.BlobMissing;
import dev.sluice.storage.BlobRead;
import dev.sluice.storage.ContentChanged;
import dev.sluice.storage.RemoteBlobStore;
import dev.sluice.storage.StagedBlob;
import dev.sluice.storage.Staging;
import dev.sluice.storage.StoreUnavailable;
import dev.sluice.storage.StoredBlob;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLStreamException;

/**
 * Blobs as objects {@code blobs/ab/cd/abcd…} of a bucket, or below another name than {@code blobs}. They are staged in files of this machine, for their name is known at
 * their end only. Who reads a blob that is deleted may break off.
 */
public final class S3BlobStore implements RemoteBlobStore {
    private static final Pattern KEY = Pattern.compile("[a-z]+/(?:[0-9a-f]{2}/){2}([0-9a-f]{64})");
    private static final Pattern QUARANTINED = Pattern.compile("quarantine/[0-9a-f]{64}");

    private final S3Client client;
    private final String bucket;
    private final Staging staging;
    private final String prefix;

    /**
     * Worker thread.
     *
     * @param directory for staged files; created where it is missing
     * @param meters count its requests
     */
    public S3BlobStore(Vertx vertx, S3Config config, Path directory, Meters meters) throws IOException {
        this(vertx, config, directory, meters, S3Limits.USUAL);
    }

    S3BlobStore(Vertx vertx, S3Config config, Path directory, Meters meters, S3Limits limits) throws IOException {
        this(
                new S3Client(vertx, config, limits, meters),
                config.bucket(),
                new Staging(Files.createDirectories(directory)),
                "blobs");
    }

    private S3BlobStore(S3Client client, String bucket, Staging staging, String name) {
        this.client = client;
        this.bucket = bucket;
        this.staging = staging;
        this.prefix = name + "/";
    }

    /** A store of its own in the same bucket. */
    public S3BlobStore beside(String name) {
        return new S3BlobStore(client, bucket, staging, name);
    }

    /**
     * Shows that the bucket is there and open to these credentials. Worker thread.
     *
     * @throws StoreUnavailable when not
     */
    public void requireBucket() throws IOException {
        S3Reply reply = client.ask(S3Request.of(HttpMethod.GET, "")
                .with("list-type", "2")
                .with("max-keys", "1")
                .with("prefix", prefix));
        if (!reply.isOk()) {
            throw reply.refused("looking into bucket " + bucket);
        }
    }

    @Override
    public StagedBlob stage() throws IOException {
        return staging.blob(this::put);
    }

    @Override
    public void put(BlobId id, Path file) throws IOException {
        if (!exists(id)) {
            new S3Upload(client, key(id), id.size()).send(file);
        }
    }

    @Override
    public ReadableByteChannel open(BlobId id) throws IOException {
        if (id.size() > 0) {
            return new BlobChannel(read(id, 0, id.size()), id.size());
        }
        S3Reply reply = head(id);
        if (reply.status() == 404) {
            throw new BlobMissing(id);
        }
        if (!isOfSize(reply, 0)) {
            throw new ContentChanged("blob " + id.sha256() + " is not empty");
        }
        return Channels.newChannel(new ByteArrayInputStream(new byte[0]));
    }

    @Override
    public BlobRead read(BlobId id, long from, long until) {
        return new ObjectRead(client, key(id), id, from, until);
    }

    @Override
    public URI presigned(BlobId id, String disposition, String mediaType, Duration validity) {
        return client.presign(
                S3Request.of(HttpMethod.GET, key(id))
                        .with("response-cache-control", "private, no-store")
                        .with("response-content-disposition", disposition)
                        .with("response-content-type", mediaType),
                validity);
    }

    @Override
    public boolean exists(BlobId id) throws IOException {
        return isOfSize(head(id), id.size());
    }

    private S3Reply head(BlobId id) throws IOException {
        S3Reply reply = client.ask(S3Request.of(HttpMethod.HEAD, key(id)));
        if (reply.status() != 200 && reply.status() != 404) {
            throw reply.refused("looking for a blob");
        }
        return reply;
    }

    private static boolean isOfSize(S3Reply head, long size) {
        return head.status() == 200 && head.header("Content-Length").equals(Long.toString(size));
    }

    @Override
    public boolean delete(BlobId id) throws IOException {
        boolean there = head(id).status() == 200;
        if (there) {
            S3Reply reply = client.ask(S3Request.of(HttpMethod.DELETE, key(id)));
            if (!reply.isOk()) {
                throw reply.refused("deleting a blob");
            }
        }
        return there;
    }

    @Override
    public boolean quarantine(BlobId id) throws IOException {
        S3Reply found = head(id);
        if (found.status() == 404) {
            return false;
        }
        long size = Long.parseLong(found.header("Content-Length"));
        new S3Upload(client, "quarantine/" + id.sha256(), size).copy(bucket, key(id));
        return delete(id);
    }

    @Override
    public void list(Consumer<StoredBlob> seen) throws IOException {
        S3Request first = S3Request.of(HttpMethod.GET, "")
                .with("list-type", "2")
                .with("prefix", prefix)
                .with("max-keys", Integer.toString(client.limits().page()));
        S3Xml.Page page = page(first, "Contents");
        while (true) {
            for (S3Xml.Element object : page.items()) {
                Matcher key = KEY.matcher(object.text("Key"));
                if (key.matches()) {
                    BlobId id = new BlobId(key.group(1), Long.parseLong(object.text("Size")));
                    seen.accept(new StoredBlob(id, time(object.text("LastModified"))));
                }
            }
            String next = page.next().text("NextContinuationToken");
            if (next.isEmpty()) {
                return;
            }
            page = page(first.with("continuation-token", next), "Contents");
        }
    }

    /** Also parts of uploads of whatever is ours, which the store keeps, unseen, until it is told not to. */
    @Override
    public void collectStaged(Duration olderThan) throws IOException {
        Instant before = Instant.now().minus(olderThan);
        staging.collect(before);
        S3Request first = S3Request.of(HttpMethod.GET, "").with("uploads", "");
        S3Xml.Page page = page(first, "Upload");
        while (true) {
            for (S3Xml.Element upload : page.items()) {
                String key = upload.text("Key");
                boolean ours =
                        KEY.matcher(key).matches() || QUARANTINED.matcher(key).matches();
                if (ours && time(upload.text("Initiated")).isBefore(before)) {
                    abort(key, upload.text("UploadId"));
                }
            }
            if (!page.next().text("IsTruncated").equals("true")) {
                return;
            }
            page = page(
                    first.with("key-marker", page.next().text("NextKeyMarker"))
                            .with("upload-id-marker", page.next().text("NextUploadIdMarker")),
                    "Upload");
        }
    }

    private void abort(String key, String upload) throws IOException {
        S3Reply reply = client.ask(S3Request.of(HttpMethod.DELETE, key).with("uploadId", upload));
        if (!reply.isOk() && reply.status() != 404) {
            throw reply.refused("the abort of an upload");
        }
    }

    private S3Xml.Page page(S3Request request, String item) throws IOException {
        S3Reply reply = client.ask(request);
        if (!reply.isOk()) {
            throw reply.refused("a list of bucket " + bucket);
        }
        try {
            return S3Xml.page(reply.body(), item);
        } catch (XMLStreamException malformed) {
            throw new StoreUnavailable("the store's answer cannot be read", malformed);
        }
    }

    private static Instant time(String text) throws StoreUnavailable {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException malformed) {
            throw new StoreUnavailable("the store's answer has a malformed time", malformed);
        }
    }

    private String key(BlobId id) {
        String name = id.sha256();
        return prefix + name.substring(0, 2) + "/" + name.substring(2, 4) + "/" + name;
    }
}
