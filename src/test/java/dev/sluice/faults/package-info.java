/**
 * What breaks, what must happen then, and the test that shows it. {@code mvn -B -Pfaults test} runs the tests of this package,
 * which take minutes; those of the others run with every build. Netty's leak detection is paranoid in all of them, and what it
 * reports fails the classes of this package ({@link Leaks}, shown by {@link LeaksTest}).
 *
 * <table>
 * <caption>Faults</caption>
 * <tr><th>fault</th><th>must happen</th><th>shown by</th></tr>
 * <tr><td>file truncated, rewritten, replaced or removed under a transfer, plain and TLS</td>
 *     <td>the connection is reset, never a clean end; descriptors given back; the event loop idle</td>
 *     <td>{@code delivery.ContentFaultsTest}, {@code delivery.ProtocolsTest}</td></tr>
 * <tr><td>log that grows under a transfer</td><td>cut at the planned length</td>
 *     <td>{@code delivery.ContentFaultsTest}</td></tr>
 * <tr><td>client leaves anywhere, by FIN or RST, 10,000 times</td>
 *     <td>descriptors, permits, buffers and staged files back at the baseline; no leak reported</td>
 *     <td>{@link DisconnectsTest}; at every segment and with TLS {@code delivery.LeavingClientsTest}</td></tr>
 * <tr><td>line breaks in mid-download</td><td>curl, wget, aria2 and browsers resume to the same bytes</td>
 *     <td>{@code server.ResumingClientsTest}, {@code server.BrowserResumeTest}</td></tr>
 * <tr><td>reader that stalls, plain, TLS, HTTP/2; uploader that stalls</td><td>reset, or 408, after the stall timeout</td>
 *     <td>{@code server.StalledTransferTest}</td></tr>
 * <tr><td>heads that do not come, or trickle</td><td>closed at the deadline</td>
 *     <td>{@code server.HeadDeadlineTest}</td></tr>
 * <tr><td>ambiguous framing: both lengths, two lengths, folding, bare CR, NUL, chunk lies</td>
 *     <td>one refusal at most, the connection ends, nothing behind it is answered</td>
 *     <td>{@link HostileRequestsTest}</td></tr>
 * <tr><td>noise, foreign protocols, endless lines and fields, deep JSON, huge numbers</td>
 *     <td>4xx or closed; the server serves on</td><td>{@link HostileRequestsTest}</td></tr>
 * <tr><td>upload bodies that end early, break, lie about their length or digest</td><td>refused, nothing kept</td>
 *     <td>{@code server.RefusedUploadTest}</td></tr>
 * <tr><td>no descriptors left</td>
 *     <td>published downloads under way go on, live ones end whole or are reset; no disk is suspected; serves again when they are
 *     back</td>
 *     <td>{@link ProcessFaultsTest}</td></tr>
 * <tr><td>PostgreSQL stopped, killed, cut off or slow; a table locked</td>
 *     <td>transfers go on; new requests 503 with Retry-After within a second; readiness tells; recovery without a restart</td>
 *     <td>{@link PostgresFaultsTest}, {@code database.DatabaseTest}</td></tr>
 * <tr><td>500 clients at once after one artifact</td><td>a handful of queries; a revoked right is gone within 5 s</td>
 *     <td>{@code server.HerdTest}, {@code database.LookupsTest}</td></tr>
 * <tr><td>disk full</td><td>507, nothing half-written, reads go on</td>
 *     <td>{@link DiskFaultsTest}, {@code storage.FullDiskTest}</td></tr>
 * <tr><td>EIO on read</td>
 *     <td>the connection is reset, short of the length; counted, logged; a blob quarantined, of a live file what was known forgotten; others served</td>
 *     <td>{@link DiskFaultsTest}</td></tr>
 * <tr><td>blob that rotted, or was cut short</td><td>quarantined; a deflated copy is made anew with the same bytes</td>
 *     <td>{@code storage.QuarantineTest}, {@code server.BadContentTest}, {@code server.StorageCommandsTest}</td></tr>
 * <tr><td>fsync or rename fails</td><td>the upload is answered 500 or 507 and discarded, the old file stays</td>
 *     <td>{@link DiskFaultsTest}, {@code storage.CommitFaultsTest}</td></tr>
 * <tr><td>kill -9 at each step of an upload</td>
 *     <td>the old file or the new one, its digest the right one; what was staged is collected</td>
 *     <td>{@link KillsTest}, {@code storage.CommitFaultsTest}; the jar {@code server.JarIT}</td></tr>
 * <tr><td>kill -9 at each step of a publication</td>
 *     <td>the next server makes one model; every blob is what its name says and has its row, every reference has its blob</td>
 *     <td>{@link KillsTest}</td></tr>
 * <tr><td>kill -9 amid a fetch of an artifact or a catalog model</td>
 *     <td>another server takes it over by its lease and asks for the rest; its digest the right one; one model</td>
 *     <td>{@link IngestFaultsTest}, {@code ingest.KilledFetchTest}, {@code models.ArtifactFetchTest},
 *     {@code catalog.TwoReplicasTest}</td></tr>
 * <tr><td>disk full before or amid a fetch</td>
 *     <td>fails with a reason; what can be gone on with is kept, nothing else; serves on</td>
 *     <td>{@link IngestFaultsTest}, {@code ingest.FullDiskFetchTest}</td></tr>
 * <tr><td>upstream that lies, stalls, resets, redirects to where it must not</td>
 *     <td>the right bytes or none, never another's address</td>
 *     <td>{@code ingest.LyingUpstreamTest}, {@code ingest.FetcherTest}, {@code ingest.UpstreamSafetyTest}</td></tr>
 * <tr><td>kill -9 with the embedded database</td><td>the next start takes it over</td>
 *     <td>{@code database.EmbeddedPostgresTest}</td></tr>
 * <tr><td>SIGTERM with 100 downloads; a second one</td><td>they finish within the drain timeout; stops at once</td>
 *     <td>{@link ProcessFaultsTest}, {@code server.DrainTest}, {@code server.SigtermTest}</td></tr>
 * <tr><td>clock set forth or back by a day</td>
 *     <td>transfers go on; tokens and links follow it and recover with it; what is dated ahead is published</td>
 *     <td>{@code server.ClockJumpTest}</td></tr>
 * <tr><td>kill -9 of one of two replicas behind nginx, with downloads under way</td>
 *     <td>its clients are cut, go on at the other where they were, and have the same bytes; each job is published once</td>
 *     <td>{@link ReplicasTest}</td></tr>
 * <tr><td>replica paused beyond its lease</td><td>the other publishes; the late one does not</td>
 *     <td>{@link ReplicasTest}</td></tr>
 * <tr><td>more downloads than are admitted</td><td>bounded wait, then 429 or 503; one owner does not starve another</td>
 *     <td>{@code server.AdmissionOverHttpTest}, {@code delivery.AdmissionTest}</td></tr>
 * </table>
 */
@NullMarked
package dev.sluice.faults;

import org.jspecify.annotations.NullMarked;
