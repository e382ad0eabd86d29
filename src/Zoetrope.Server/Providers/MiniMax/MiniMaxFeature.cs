namespace Zoetrope.Server.Providers.MiniMax;

internal static class MiniMaxFeature
{
    public static VendorList AddMiniMax(this VendorList vendors) =>
        vendors.Add(MiniMaxAdapter.Vendor, static tools => new MiniMaxAdapter(tools));
}
