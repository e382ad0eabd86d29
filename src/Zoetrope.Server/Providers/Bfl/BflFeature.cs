namespace Zoetrope.Server.Providers.Bfl;

internal static class BflFeature
{
    public static VendorList AddBfl(this VendorList vendors) => vendors.Add(BflAdapter.Vendor, static tools => new BflAdapter(tools));
}
