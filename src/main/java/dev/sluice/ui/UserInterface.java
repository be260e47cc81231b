package dev.sluice.ui;

import dev.sluice.access.TokenVerifier;
import java.time.Clock;

/** What the routes of the pages lead to. */
public record UserInterface(Pages pages, SessionHandlers session) {
    public static UserInterface of(TokenVerifier tokens, Clock clock) {
        Pages pages = new Pages(tokens);
        return new UserInterface(pages, new SessionHandlers(tokens, pages, clock));
    }
}
