using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Fal;

/// <summary>Names the fake in the types of public test classes.</summary>
public sealed class FalVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new FakeFal();
}

/// <summary>
/// fal as a server without a public address uses it: nothing calls back, so a lost answer stays lost. What the webhooks change
/// is in FalWebhookTests.
/// </summary>
public sealed class FalConformanceTests(VendorServer<FalVendor> server) : ProviderConformance<FalVendor>(server)
{
    private protected override string LostAnswer => "OUTCOME_UNKNOWN";

    private protected override string BadKey => "0f1e2d3c-key:00000000000000000000000000";

    private protected override object Request(string prompt) => new { model = "flux-2-klein-4b-text-to-image", input = new { prompt } };
}
