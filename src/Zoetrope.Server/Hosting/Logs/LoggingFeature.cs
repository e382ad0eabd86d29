using Microsoft.Extensions.Logging.Console;
using Zoetrope.Server.Operator;

namespace Zoetrope.Server.Hosting.Logs;

/// <summary>One line per message on stderr; stdout belongs to the answer of a command.</summary>
internal static class LoggingFeature
{
    public static ILoggingBuilder AddZoetropeLogging(this ILoggingBuilder logging, LoggingOptions options)
    {
        logging.SetMinimumLevel(options.Level > LogLevel.Warning ? options.Level : LogLevel.Warning);
        logging.AddFilter("Zoetrope", options.Level);

        // Orleans compares its own start with the machine's uptime and warns about the difference once.
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);

        // Otherwise every request would get an activity and a log scope that nobody reads.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);

        // And it recommends the server's garbage collector, which costs memory that small machines need for media.
        logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error);

        // It logs every mistake of a client with a stack; what fails here is logged by the door.
        logging.AddFilter("ModelContextProtocol", LogLevel.None);
        logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (options.Format == "json")
        {
            logging.Services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = JsonLineFormatter.FormatterName);
            logging.Services.AddSingleton<ConsoleFormatter, JsonLineFormatter>();
            return logging;
        }

        logging.Services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = LineFormatter.FormatterName);
        logging.Services.AddSingleton<ConsoleFormatter, LineFormatter>();
        return logging;
    }

    /// <summary>Keeps the lines of requests and tasks in the data directory.</summary>
    public static IServiceCollection AddJournal(this IServiceCollection services, LoggingOptions options) => options.JournalMegabytes == 0
        ? services
        : services.AddSingleton<ILoggerProvider>(provider => new JournalWriter(
            provider.GetRequiredService<Journal>(), options.JournalMegabytes * 1_000_000L, provider.GetRequiredService<TimeProvider>()));
}
