namespace Zoetrope.Server.Providers.OpenAi;

internal static class OpenAiFeature
{
    public static VendorList AddOpenAi(this VendorList vendors) =>
        vendors.Add(OpenAiAdapter.Vendor, static tools => new OpenAiAdapter(tools));
}
