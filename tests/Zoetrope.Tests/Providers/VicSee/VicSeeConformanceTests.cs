using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.VicSee;

/// <summary>VicSee itself: what is lost stays lost, and nothing can be stopped.</summary>
public sealed class VicSeeConformanceTests(VendorServer<VicSeeVendor> server) : ProviderConformance<VicSeeVendor>(server)
{
    private protected override object Request(string prompt) => new { model = "flux-2-pro-text-to-image", input = new { prompt } };

    // The address of the fake is not VicSee's: the upstream is asked whether it reads the key, and it does not.
    private protected override string LostAnswer => "OUTCOME_UNKNOWN";

    private protected override string LostRefusal => "OUTCOME_UNKNOWN";

    // No code for it is published.
    private protected override bool ModeratesSubmits => false;

    private protected override string BadKey => "sk-wrong-0123456789abcdef";
}

/// <summary>Another Zoetrope: the idempotency key settles what was lost.</summary>
public sealed class ZoetropeUpstreamConformanceTests(VendorServer<ZoetropeVendor> server) : ProviderConformance<ZoetropeVendor>(server)
{
    private protected override object Request(string prompt) => new { model = "flux-2-pro-text-to-image", input = new { prompt } };

    private protected override bool CanCancel => true;

    private protected override bool ModeratesSubmits => false;

    private protected override string BadKey => "sk-wrong-0123456789abcdef";
}

public sealed class VicSeeVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new FakeVicSee();
}

public sealed class ZoetropeVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new FakeVicSee { IsZoetrope = true };
}
