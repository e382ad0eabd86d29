namespace Zoetrope.Server.Providers.Fal;

internal static class FalFeature
{
    public static VendorList AddFal(this VendorList vendors) =>
        vendors.Add(FalAdapter.Vendor, "Fal", static (ProviderTools tools, FalOptions options) => new FalAdapter(tools, options));
}
