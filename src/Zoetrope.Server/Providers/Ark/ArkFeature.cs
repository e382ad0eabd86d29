namespace Zoetrope.Server.Providers.Ark;

internal static class ArkFeature
{
    public static VendorList AddArk(this VendorList vendors) => vendors.Add(ArkAdapter.Vendor, static tools => new ArkAdapter(tools));
}
