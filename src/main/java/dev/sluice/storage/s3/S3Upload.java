package dev.sluice.storage.s3;

import dev.sluice.storage.Blocking;
import dev.sluice.storage.StoreUnavailable;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import javax.xml.stream.XMLStreamException;

/**
 * Makes one object out of parts, a few of which are under way at a time. However it fails, the store is told to forget the parts.
 * Worker thread.
 */
final class S3Upload {
    private static final int UNDER_WAY = 4;

    private final S3Client client;
    private final String key;
    private final long size;

    /** @param size of the object, in bytes */
    S3Upload(S3Client client, String key, long size) {
        this.client = client;
        this.key = key;
        this.size = size;
    }

    /** Of a file, each part with its checksum. */
    void send(Path file) throws IOException {
        long partSize = client.limits().partSize(size, client.limits().partSize());
        if (size <= partSize) {
            S3Request whole = S3Request.of(HttpMethod.PUT, key);
            ok(client.ask(size == 0 ? whole : whole.sending(new S3Request.FilePart(file, 0, size))), "an upload");
            return;
        }
        assemble(partSize, (request, from, length) -> request.sending(new S3Request.FilePart(file, from, length)));
    }

    /** Of another object of the same bucket, without them passing through here. */
    void copy(String bucket, String from) throws IOException {
        String source = "/" + bucket + "/" + from;
        long partSize = client.limits().partSize(size, client.limits().copySize());
        if (size <= partSize) {
            ok(client.ask(S3Request.of(HttpMethod.PUT, key).header("x-amz-copy-source", source)), "a copy");
            return;
        }
        assemble(
                partSize,
                (request, at, length) -> request.header("x-amz-copy-source", source)
                        .header("x-amz-copy-source-range", "bytes=" + at + "-" + (at + length - 1)));
    }

    /** Says what a part is made of. */
    @FunctionalInterface
    private interface Part {
        S3Request of(S3Request request, long from, long length);
    }

    private void assemble(long partSize, Part part) throws IOException {
        String upload = begin();
        try {
            complete(upload, parts(upload, partSize, part));
        } catch (IOException | RuntimeException failed) {
            forget(upload, failed);
            throw failed;
        }
    }

    private String begin() throws IOException {
        S3Reply reply = client.ask(S3Request.of(HttpMethod.POST, key).with("uploads", ""));
        ok(reply, "an upload");
        return text(reply, "UploadId");
    }

    private record Sent(S3Request request, Future<S3Reply> first) {}

    private List<String> parts(String upload, long partSize, Part part) throws IOException {
        List<String> tags = new ArrayList<>();
        Deque<Sent> underWay = new ArrayDeque<>();
        try {
            int number = 1;
            for (long from = 0; from < size; from += partSize) {
                if (underWay.size() == UNDER_WAY) {
                    tags.add(tag(underWay.remove()));
                }
                S3Request request = part.of(
                        S3Request.of(HttpMethod.PUT, key)
                                .with("partNumber", Integer.toString(number++))
                                .with("uploadId", upload),
                        from,
                        Math.min(partSize, size - from));
                underWay.add(new Sent(request, client.exchange(request)));
            }
            while (!underWay.isEmpty()) {
                tags.add(tag(underWay.remove()));
            }
            return tags;
        } finally {
            // A part that arrives after the upload was forgotten would stay.
            awaitAll(underWay);
        }
    }

    /** Neither answers nor failures matter any more. */
    private static void awaitAll(Deque<Sent> underWay) throws IOException {
        Blocking.await(Future.join(underWay.stream().map(Sent::first).toList())
                .transform(ended -> Future.succeededFuture(true)));
    }

    private String tag(Sent sent) throws IOException {
        S3Reply reply = client.settle(sent.first(), sent.request());
        ok(reply, "a part");
        String tag = reply.header("ETag");
        return tag.isEmpty() ? text(reply, "ETag") : tag;
    }

    private void complete(String upload, List<String> tags) throws IOException {
        StringBuilder document = new StringBuilder("<CompleteMultipartUpload>");
        for (int i = 0; i < tags.size(); i++) {
            document.append("<Part><PartNumber>")
                    .append(i + 1)
                    .append("</PartNumber><ETag>")
                    .append(tags.get(i).replace("&", "&amp;").replace("<", "&lt;"))
                    .append("</ETag></Part>");
        }
        S3Request request = S3Request.of(HttpMethod.POST, key)
                .with("uploadId", upload)
                .sending(new S3Request.Text(
                        document.append("</CompleteMultipartUpload>").toString()));
        S3Reply reply = client.ask(request);
        // When the answer to an earlier attempt was lost, there is no such upload any more, but the object.
        if (reply.status() != 404) {
            ok(reply, "the end of an upload");
        }
        S3Reply found = client.ask(S3Request.of(HttpMethod.HEAD, key));
        if (found.status() != 200 || !found.header("Content-Length").equals(Long.toString(size))) {
            throw new StoreUnavailable("the store took every part, and has not the object");
        }
    }

    private void forget(String upload, Exception failed) {
        boolean interrupted = Thread.interrupted();
        try {
            S3Reply reply = client.ask(S3Request.of(HttpMethod.DELETE, key).with("uploadId", upload));
            if (reply.status() != 404) {
                ok(reply, "the abort of an upload");
            }
        } catch (IOException left) {
            failed.addSuppressed(left);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void ok(S3Reply reply, String what) throws StoreUnavailable {
        if (!reply.isOk()) {
            throw reply.refused(what);
        }
    }

    private static String text(S3Reply reply, String field) throws StoreUnavailable {
        try {
            String text = S3Xml.fields(reply.body()).text(field);
            if (!text.isEmpty()) {
                return text;
            }
        } catch (XMLStreamException malformed) {
            throw new StoreUnavailable("the store's answer cannot be read", malformed);
        }
        throw new StoreUnavailable("the store's answer has no " + field);
    }
}
