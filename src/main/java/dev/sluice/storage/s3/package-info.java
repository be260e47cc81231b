/**
 * Floor 2. Blobs in a bucket of an S3 API: signed requests, uploads in parts, reads that go on where they broke off.
 */
@NullMarked
package dev.sluice.storage.s3;

import org.jspecify.annotations.NullMarked;
