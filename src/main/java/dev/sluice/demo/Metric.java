package dev.sluice.demo;

import java.util.OptionalDouble;

/**
 * One point of a training's curve.
 *
 * @param step optimizer steps done so far, from 1
 * @param epoch passes over the training text so far, with its fraction
 * @param trainLoss mean cross-entropy of this step's batch, in nats a character, before the step
 * @param validationLoss the same over the whole held-out text after the step, at the steps where it is measured
 * @param learningRate the rate this step was made with
 */
public record Metric(int step, double epoch, double trainLoss, OptionalDouble validationLoss, double learningRate) {}
