namespace Zoetrope.Server.Providers.Vertex;

internal static class VertexFeature
{
    public static VendorList AddVertex(this VendorList vendors) =>
        vendors.Add(
            VertexAdapter.Vendor, "Vertex", static (ProviderTools tools, VertexOptions options) => new VertexAdapter(tools, options));
}
