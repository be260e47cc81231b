package dev.sluice.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.access.Caller;
import dev.sluice.access.DownloadLink;
import dev.sluice.access.LinkSigner;
import dev.sluice.delivery.ArchiveFormat;
import dev.sluice.delivery.PublishedPlans;
import dev.sluice.delivery.Representation;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.jobs.Faults;
import dev.sluice.jobs.Json;
import dev.sluice.jobs.JsonReader;
import dev.sluice.jobs.Members;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Links that need no token: who holds one reads what it names, until it expires or is ended. Event loop. */
public final class LinkHandlers {
    /** Path parameters. */
    public static final String TOKEN = "token";

    public static final String FILENAME = "filename";

    static final long LONGEST_SECONDS = 3600;

    private static final String FILE = "file";

    /** Links of one answer; the token of an archive of some files grows with the model, not with them. */
    private static final int MOST_FILES = 10_000;

    private final ModelQueries models;
    private final PublishedContents contents;
    private final ModelDownloads downloads;
    private final LinkSigner signer;

    LinkHandlers(ModelQueries models, PublishedContents contents, ModelDownloads downloads, LinkSigner signer) {
        this.models = models;
        this.contents = contents;
        this.downloads = downloads;
        this.signer = signer;
    }

    /**
     * Which links are wanted.
     *
     * @param files paths; null for all
     */
    record Wanted(@Nullable List<String> files, long seconds) {
        static Wanted read(byte[] body) {
            Faults faults = Faults.ofBody();
            JsonNode json = JsonReader.read(body, faults);
            Members members = Members.of(json, faults);
            long seconds = seconds(members);
            List<String> files = paths(json.path("files"), members);
            faults.raise();
            return new Wanted(files, seconds);
        }

        static long seconds(Members members) {
            Long seconds = members.integer("expires_in");
            if (seconds != null && (seconds < 1 || seconds > LONGEST_SECONDS)) {
                members.fault("expires_in", "must be 1 to " + LONGEST_SECONDS + " seconds");
            }
            return seconds == null ? LONGEST_SECONDS : seconds;
        }

        private static @Nullable List<String> paths(JsonNode files, Members members) {
            if (files.isMissingNode() || files.isNull()) {
                return null;
            }
            List<String> paths = new ArrayList<>();
            for (JsonNode path : files) {
                paths.add(path.isTextual() ? path.textValue() : "");
            }
            if (!files.isArray() || paths.isEmpty() || paths.size() > MOST_FILES || paths.contains("")) {
                members.fault("files", "must be an array of 1 to " + MOST_FILES + " paths");
            }
            return paths;
        }
    }

    /** {@code POST /api/models/{id}/download}. */
    public Future<Void> issue(RoutingContext ctx) {
        String subject = Answers.subject(ctx);
        return Future.succeededFuture()
                .compose(start -> models.find(subject, Answers.id(ctx)))
                .compose(model ->
                        Answers.optionalBody(ctx, Wanted::read).compose(wanted -> issue(subject, model, wanted)))
                .compose(data -> Answers.send(ctx, 200, data));
    }

    /** The links of one model. */
    Future<ObjectNode> issue(String subject, Model model, Wanted wanted) {
        return models.shareEpoch(subject, model)
                .compose(shareEpoch -> contents.files(subject, model.id()).map(files -> {
                    BitSet chosen = chosen(files, wanted.files());
                    Instant expiry = signer.expiry(wanted.seconds());
                    Issue issue = new Issue(subject, model, shareEpoch, expiry);
                    ObjectNode data = Json.object().put("expires_at", expiry.toString());
                    data.set("archive", archive(issue, files, chosen));
                    data.set("files", files(issue, files, chosen));
                    return data;
                }));
    }

    private record Issue(String subject, Model model, long shareEpoch, Instant expiry) {}

    private ObjectNode archive(Issue issue, List<ModelFile> files, BitSet chosen) {
        Representation archive = archive(issue.model(), files, chosen, ArchiveFormat.ZIP);
        return Json.object()
                .put("url", url(issue, archive, chosen, ArchiveFormat.ZIP.extension()))
                .put("filename", archive.filename())
                .put("size", archive.layout().length())
                .put("etag", archive.tag().toString());
    }

    private ArrayNode files(Issue issue, List<ModelFile> files, BitSet chosen) {
        ArrayNode listed = Json.array();
        for (int position = 0; position < files.size(); position++) {
            ModelFile file = files.get(position);
            if (!file.isDirectory() && (chosen.isEmpty() || chosen.get(position))) {
                listed.add(Json.object()
                        .put("path", file.path())
                        .put("url", url(issue, file, position))
                        .put("size", file.size())
                        .put("sha256", file.content().orElseThrow().sha256()));
            }
        }
        return listed;
    }

    private String url(Issue issue, ModelFile file, int position) {
        BitSet one = new BitSet();
        one.set(position);
        return sign(issue, PublishedPlans.tag(file.content().orElseThrow()).opaque(), one, FILE, file.name());
    }

    private String url(Issue issue, Representation archive, BitSet chosen, String format) {
        return sign(issue, archive.tag().opaque(), chosen, format, archive.filename());
    }

    private String sign(Issue issue, String tag, BitSet files, String format, String filename) {
        return ModelUrls.link(
                signer.sign(new DownloadLink(
                        issue.model().id(),
                        tag,
                        files,
                        format,
                        issue.subject(),
                        issue.model().epoch(),
                        issue.shareEpoch(),
                        issue.expiry(),
                        filename)),
                filename);
    }

    /** {@code GET /api/models/{id}/model.meta4}: with links, so that any downloader takes it. */
    public Future<Void> metalink(RoutingContext ctx) {
        String subject = Answers.subject(ctx);
        return Future.succeededFuture()
                .compose(start -> models.find(subject, Answers.id(ctx)))
                .compose(model -> models.shareEpoch(subject, model)
                        .compose(shareEpoch -> contents.files(subject, model.id())
                                .map(files -> {
                                    Issue issue = new Issue(subject, model, shareEpoch, signer.expiry(LONGEST_SECONDS));
                                    String origin = Caller.of(ctx).origin();
                                    return Manifest.metalink(
                                            files, position -> origin + url(issue, files.get(position), position));
                                })))
                .compose(xml -> ModelDownloads.text(ctx, "application/metalink4+xml", xml));
    }

    /** {@code GET /dl/{token}/{filename}}: whatever is wrong with it, the answer is the same. */
    public Future<Void> deliver(RoutingContext ctx) {
        return Future.<DownloadLink>future(verified -> verified.complete(signer.verify(ctx.pathParam(TOKEN))
                        .filter(link -> link.filename().equals(ctx.pathParam(FILENAME)))
                        .orElseThrow(LinkHandlers::notFound)))
                .compose(link -> models.linked(link.subject(), link.model(), link.modelEpoch(), link.shareEpoch())
                        .compose(model -> contents.files(link.subject(), model.id())
                                .compose(files -> downloads.deliver(
                                        ctx, link.subject(), model, representation(link, model, files))))
                        .recover(failure -> Future.failedFuture(isMissing(failure) ? notFound() : failure)));
    }

    private Representation representation(DownloadLink link, Model model, List<ModelFile> files) {
        Representation found = link.format().equals(FILE)
                ? downloads.file(files, files.get(link.files().nextSetBit(0)).path())
                : archive(
                        model,
                        files,
                        link.files(),
                        ArchiveFormat.parse(link.format()).orElseThrow(LinkHandlers::notFound));
        if (!found.tag().opaque().equals(link.tag())) {
            throw notFound();
        }
        return found.named(link.filename());
    }

    private Representation archive(Model model, List<ModelFile> files, BitSet chosen, ArchiveFormat format) {
        if (chosen.isEmpty()) {
            return downloads.archive(model, files, format, Intake.EVERYTHING);
        }
        List<ModelFile> some = chosen.stream().mapToObj(files::get).toList();
        return downloads.archive(model, some, format, Intake.EVERYTHING);
    }

    /** In one pass, for both may be long. */
    private static BitSet chosen(List<ModelFile> files, @Nullable List<String> paths) {
        BitSet chosen = new BitSet();
        Set<String> wanted = paths == null ? Set.of() : new HashSet<>(paths);
        for (int position = 0; position < files.size() && !wanted.isEmpty(); position++) {
            if (!files.get(position).isDirectory()
                    && wanted.remove(files.get(position).path())) {
                chosen.set(position);
            }
        }
        if (!wanted.isEmpty()) {
            throw new ProblemException(Problem.notFound("File not found"));
        }
        return chosen;
    }

    private static boolean isMissing(Throwable failure) {
        return failure instanceof ProblemException known && known.problem().status() == 404;
    }

    private static ProblemException notFound() {
        return new ProblemException(Problem.notFound("The link is not valid, or no longer"));
    }
}
