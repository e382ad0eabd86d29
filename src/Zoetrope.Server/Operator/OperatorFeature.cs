namespace Zoetrope.Server.Operator;

/// <summary>Who runs the server, and what that person may do to accounts: for the Admin door and the command line alike.</summary>
internal static class OperatorFeature
{
    public static IServiceCollection AddOperator(this IServiceCollection services, AdminOptions options, string dataDirectory)
    {
        // Read here and not on the first request: a bad key stops the start with the setting's name.
        return services
            .AddSingleton(OperatorKey.Load(options, dataDirectory))
            .AddSingleton<OperatorAuthenticator>()
            .AddSingleton<AccountOperations>()
            .AddSingleton<AccountBooks>()
            .AddSingleton<TaskSearch>()
            .AddSingleton<Suspense>()
            .AddSingleton(new Journal(dataDirectory));
    }
}
