namespace Zoetrope.Server.Ledger;

internal static class LedgerFeature
{
    public static IServiceCollection AddLedger(this IServiceCollection services) => services.AddSingleton<CreditLedger>();
}
