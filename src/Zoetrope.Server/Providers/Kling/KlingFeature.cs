namespace Zoetrope.Server.Providers.Kling;

internal static class KlingFeature
{
    public static VendorList AddKling(this VendorList vendors) => vendors.Add(KlingAdapter.Vendor, static tools => new KlingAdapter(tools));
}
