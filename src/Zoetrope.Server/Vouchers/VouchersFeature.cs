namespace Zoetrope.Server.Vouchers;

/// <summary>Codes that become credits.</summary>
internal static class VouchersFeature
{
    public static IServiceCollection AddVouchers(this IServiceCollection services) => services.AddSingleton<VoucherBooks>();
}
