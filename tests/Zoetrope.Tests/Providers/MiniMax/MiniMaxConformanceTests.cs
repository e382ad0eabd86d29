using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.MiniMax;

/// <summary>Names the fake in the types of public test classes.</summary>
public sealed class MiniMaxVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new FakeMiniMax();
}

/// <summary>The server of these tests has no public address, so nobody can call back and a lost answer stays lost.</summary>
public sealed class MiniMaxConformanceTests(VendorServer<MiniMaxVendor> server) : ProviderConformance<MiniMaxVendor>(server)
{
    private protected override object Request(string prompt) => new { model = "minimax-h3-text-to-video", input = new { prompt, duration = 5 } };

    private protected override string LostAnswer => "OUTCOME_UNKNOWN";
}
