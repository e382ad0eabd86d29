namespace Zoetrope.Server.Hosting;

internal static partial class HostingLog
{
    [LoggerMessage(LogLevel.Warning, "{Warning}")]
    public static partial void UnknownSetting(this ILogger logger, string warning);

    [LoggerMessage(LogLevel.Warning, "{Warning}")]
    public static partial void TooManyConnections(this ILogger logger, string warning);

    [LoggerMessage(
        LogLevel.Warning,
        "The server listens on {Url}, but Zoetrope__PublicUrl is not set: URLs of results and uploads begin with {Address}, "
        + "which leads other machines to themselves. Set PublicUrl to the URL that customers use.")]
    public static partial void NoPublicUrl(this ILogger logger, string url, string address);
}
