namespace Zoetrope.Server.Operator;

/// <summary>Who runs the server, and what that person may do to accounts: for the Admin door and the command line alike.</summary>
internal static class OperatorFeature
{
    public static IServiceCollection AddOperator(
        this IServiceCollection services, AdminOptions options, BootstrapOptions bootstrap, string dataDirectory)
    {
        // A key that is set is read here and not on the first request: a bad one stops the start with the setting's name. One that is
        // made is made once the nodes have agreed on their secrets.
        var given = options.Key.Length > 0 ? OperatorKey.Load(options, dataDirectory) : null;
        return services
            .AddSingleton(_ => given ?? OperatorKey.Load(options, dataDirectory))
            .AddSingleton(static provider => new SecretHolder(
                OperatorKey.Secret.Name, () => provider.GetRequiredService<OperatorKey>().Reload()))
            .AddSingleton(bootstrap)
            .AddSingleton<OperatorAuthenticator>()
            .AddSingleton<AccountOperations>()
            .AddSingleton<AccountBooks>()
            .AddSingleton<PeopleOperations>()
            .AddSingleton<TaskSearch>()
            .AddSingleton<Reveals>()
            .AddSingleton<Suspense>()
            .AddSingleton(new Journal(dataDirectory));
    }
}
