namespace Zoetrope.Server.Providers.ComfyUi;

internal static class ComfyUiFeature
{
    public static VendorList AddComfyUi(this VendorList vendors) => vendors.Add(
        ComfyUiAdapter.Vendor, "ComfyUi", static (ProviderTools tools, ComfyUiOptions options) =>
            new ComfyUiAdapter(tools, options.FolderIn(tools.DataDirectory)));
}
