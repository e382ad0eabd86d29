using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Ark;

/// <summary>Names the fake in the types of public test classes.</summary>
public sealed class ArkVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new FakeArk();
}

/// <summary>Seedance. A lost answer is found by our id in the list; what the list does not show stays unknown, as not every list may echo it.</summary>
public sealed class ArkVideoConformanceTests(VendorServer<ArkVendor> server) : ProviderConformance<ArkVendor>(server)
{
    private protected override object Request(string prompt) => new { model = "seedance-2-0-fast-text-to-video", input = new { prompt, duration = 4, resolution = "480p" } };

    private protected override string LostRefusal => "OUTCOME_UNKNOWN";
}

/// <summary>Seedream. An answer that never arrived is gone: there is no task to ask for.</summary>
public sealed class ArkImageConformanceTests(VendorServer<ArkVendor> server) : ProviderConformance<ArkVendor>(server)
{
    private protected override object Request(string prompt) => new { model = "seedream-4-5-text-to-image", input = new { prompt } };

    private protected override bool IsSynchronous => true;

    private protected override string LostAnswer => "OUTCOME_UNKNOWN";

    private protected override string LostRefusal => "OUTCOME_UNKNOWN";
}
