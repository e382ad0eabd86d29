namespace Zoetrope.Server.Doors.Admin;

internal static class AdminFeature
{
    public static IServiceCollection AddAdmin(this IServiceCollection services, AdminOptions options, string dataDirectory)
    {
        // Read here and not on the first request: a bad key stops the start with the setting's name.
        return services
            .AddSingleton(OperatorKey.Load(options, dataDirectory))
            .AddSingleton<OperatorAuthenticator>()
            .AddSingleton<AccountOperations>();
    }
}
