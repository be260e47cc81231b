package dev.sluice.http;

/**
 * A {@link Problem} on its way through failed futures to the one exit that answers it. It is an outcome, not a fault of
 * the program: no stack trace is taken, so that refusing a request stays cheap.
 */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
