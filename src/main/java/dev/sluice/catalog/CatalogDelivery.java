package dev.sluice.catalog;

import dev.sluice.access.Authenticated;
import dev.sluice.access.Caller;
import dev.sluice.archive.ArchiveLayout;
import dev.sluice.delivery.Arrival;
import dev.sluice.delivery.Asked;
import dev.sluice.delivery.Delivery;
import dev.sluice.delivery.EntrySource;
import dev.sluice.delivery.OpenEntry;
import dev.sluice.delivery.Representation;
import dev.sluice.http.EntityTag;
import dev.sluice.http.PinnedVersion;
import dev.sluice.http.RangePolicy;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** Hands kept files to the engine that sends. What has its digest for a name does not change. Event loop. */
public final class CatalogDelivery {
    private static final String KIND = "catalog";

    private final Delivery delivery;
    private final CatalogFiles files;

    public CatalogDelivery(Delivery delivery, CatalogFiles files) {
        this.delivery = delivery;
        this.files = files;
    }

    Future<Void> deliver(RoutingContext ctx, CatalogEntry entry, CatalogDownload.KeptFile file) {
        Asked asked = new Asked(
                ctx.request(),
                Caller.of(ctx).address(),
                Authenticated.subject(ctx).owner(),
                "model",
                entry.id(),
                ctx.response().headers().get("X-Request-Id"),
                Arrival.of(ctx));
        return delivery.deliver(asked, representation(entry, file));
    }

    private Representation representation(CatalogEntry entry, CatalogDownload.KeptFile file) {
        return new Representation(
                tag(file),
                file.since(),
                ArchiveLayout.file(file.size()),
                1,
                new Source(files, file),
                KIND,
                "application/octet-stream",
                entry.fileName(),
                Optional.of(HexFormat.of().parseHex(file.sha256())),
                RangePolicy.ALWAYS);
    }

    private static EntityTag tag(CatalogDownload.KeptFile file) {
        return EntityTag.strong(file.sha256());
    }

    /** Of this very version. */
    static String url(CatalogEntry entry, CatalogDownload.KeptFile file) {
        return "/api/catalog/" + entry.id() + "/file?v=" + new PinnedVersion(tag(file));
    }

    private record Source(CatalogFiles files, CatalogDownload.KeptFile file) implements EntrySource {
        @Override
        public OpenEntry open(int entry) throws IOException {
            return new Kept(files.open(file), file.size());
        }

        @Override
        public Optional<Remote> remote(int entry) {
            return files.remote(file);
        }

        @Override
        public Future<IntUnaryOperator> checksums(int first, int last) {
            return Future.failedFuture(new IllegalStateException("a file alone has no header that holds a checksum"));
        }
    }

    private record Kept(FileChannel channel, long size) implements OpenEntry {
        @Override
        public void recheck() throws IOException {
            if (channel.size() != size) {
                throw new IOException("a catalog file has changed its size");
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
