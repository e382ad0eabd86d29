namespace Zoetrope.Server.Providers.Gemini;

internal static class GeminiFeature
{
    public static VendorList AddGemini(this VendorList vendors) =>
        vendors.Add(GeminiAdapter.Vendor, static tools => new GeminiAdapter(tools));
}
