package dev.sluice.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.LoggerFactory;

/** Sets up what is written to the standard error stream, as the configuration says. */
final class Logging {
    private Logging() {}

    static void apply(ServerConfig.Log config) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.valueOf(config.level().name()));
        if (config.format() == ServerConfig.Log.Format.JSON) {
            JsonEncoder encoder = new JsonEncoder();
            encoder.setContext(context);
            // As it reads, beside the template, by which lines of one kind are found.
            encoder.setWithFormattedMessage(true);
            encoder.setWithArguments(false);
            encoder.start();
            ConsoleAppender<ILoggingEvent> appender =
                    (ConsoleAppender<ILoggingEvent>) root.getAppender(LogDefaults.APPENDER);
            appender.stop();
            appender.setEncoder(encoder);
            appender.start();
        }
    }
}
