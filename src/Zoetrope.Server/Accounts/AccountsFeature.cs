using Microsoft.Extensions.DependencyInjection.Extensions;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Accounts;

internal static class AccountsFeature
{
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton<InvalidKeyThrottle>()
            .AddSingleton<Authenticator>()
            .AddSingleton<AccountStore>()
            .AddSingleton<ApiKeyStore>()
            .AddSingleton<GivenGrants>()
            .AddSingleton<OwnKeys>()
            .AddSingleton<IRetention, UsageRetention>();
    }
}
