/**
 * What single decisions cost, where {@code src/bench} measures the whole server. Each benchmark stands in the package of what it measures
 * and answers one question:
 *
 * <table>
 * <caption>{@code mvn -B -Pjmh test}, or with {@code -Djmh=Slice} those whose name contains it</caption>
 * <tr><td>{@link dev.sluice.archive.LayoutBenchmark}</td><td>what is an archive's exact length worth, before its first byte?</td></tr>
 * <tr><td>{@link dev.sluice.archive.SliceBenchmark}</td><td>does a range cost the same wherever it begins, and in whatever archive?</td></tr>
 * <tr><td>{@link dev.sluice.archive.CentralDirectoryBenchmark}</td><td>what does the end of a zip cost, the only part that grows with it?</td></tr>
 * <tr><td>{@link dev.sluice.archive.NameBenchmark}</td><td>what does one path cost: made safe, or held against globs?</td></tr>
 * <tr><td>{@link dev.sluice.delivery.PublishedPlanBenchmark}</td><td>what does each request for a published archive pay on the event loop?</td></tr>
 * <tr><td>{@link dev.sluice.http.ConditionalRequestBenchmark}</td><td>what do ranges and conditions add to a request?</td></tr>
 * <tr><td>{@link dev.sluice.http.HttpDateBenchmark}</td><td>what does a date in a response cost?</td></tr>
 * <tr><td>{@link dev.sluice.storage.ChecksumBenchmark}</td><td>how fast are checksums of memory, and does the size of the pieces matter?</td></tr>
 * <tr><td>{@link dev.sluice.storage.FileChecksumBenchmark}</td><td>is the CRC-32 of a live file nearly free, and what does it take to go on with one?</td></tr>
 * <tr><td>{@link dev.sluice.storage.DeflateBenchmark}</td><td>what do blocks on several cores gain on one Deflater?</td></tr>
 * <tr><td>{@link dev.sluice.access.TokenSignatureBenchmark}</td><td>what does a token cost that was never seen, honest or forged?</td></tr>
 * <tr><td>{@link dev.sluice.access.RememberedTokenBenchmark}</td><td>what does one cost that was, and what are refusals without a key?</td></tr>
 * <tr><td>{@link dev.sluice.access.LinkBenchmark}</td><td>what does a link cost, and is a forged one cheaper to refuse?</td></tr>
 * </table>
 *
 * <p>Results are in {@code target/bench}: {@code jmh.md} for reading, {@code jmh.json} for tools.
 */
@NullMarked
package dev.sluice;

import org.jspecify.annotations.NullMarked;
