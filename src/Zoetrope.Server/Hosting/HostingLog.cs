namespace Zoetrope.Server.Hosting;

internal static partial class HostingLog
{
    [LoggerMessage(LogLevel.Warning, "{Warning}")]
    public static partial void UnknownSetting(this ILogger logger, string warning);
}
