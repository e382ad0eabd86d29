using Microsoft.Extensions.Logging.Console;

namespace Zoetrope.Server.Hosting;

/// <summary>One line per message on stderr; stdout belongs to the answer of a command.</summary>
internal static class LoggingFeature
{
    public static ILoggingBuilder AddZoetropeLogging(this ILoggingBuilder logging, LoggingOptions options)
    {
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("Zoetrope", options.Level);

        // Orleans compares its own start with the machine's uptime and warns about the difference once.
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);

        // And it recommends the server's garbage collector, which costs memory that small machines need for media.
        logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
        if (options.Format == "json")
        {
            return logging.AddJsonConsole(json => json.UseUtcTimestamp = true);
        }

        return logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.ColorBehavior = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
        });
    }
}
