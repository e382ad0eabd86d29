namespace Zoetrope.Server.Providers.VicSee;

internal static class VicSeeFeature
{
    public static VendorList AddVicSee(this VendorList vendors) =>
        vendors.Add(VicSeeAdapter.Vendor, static tools => new VicSeeAdapter(tools));
}
