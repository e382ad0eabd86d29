namespace Zoetrope.Server.Providers.Replicate;

internal static class ReplicateFeature
{
    public static VendorList AddReplicate(this VendorList vendors) =>
        vendors.Add(ReplicateAdapter.Vendor, static tools => new ReplicateAdapter(tools));
}
