using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Kling;

/// <summary>Names the fake in the types of public test classes.</summary>
public sealed class KlingVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new FakeKling();
}

public sealed class KlingConformanceTests(VendorServer<KlingVendor> server) : ProviderConformance<KlingVendor>(server)
{
    private protected override object Request(string prompt) => new { model = "kling-2-6-text-to-video", input = new { prompt, duration = 5, audio = false } };

    private protected override string BadKey => "access-0123456789:wrong";
}
