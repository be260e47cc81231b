package dev.sluice.storage;

public record BlobId(String sha256, long size) {}
