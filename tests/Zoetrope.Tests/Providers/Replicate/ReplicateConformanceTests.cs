using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Replicate;

/// <summary>Names the fake in the types of public test classes.</summary>
public sealed class ReplicateVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new FakeReplicate();
}

/// <summary>Replicate without callbacks: a lost answer is found in the list, or proven absent by it.</summary>
public sealed class ReplicateConformanceTests : ProviderConformance<ReplicateVendor>
{
    public ReplicateConformanceTests(VendorServer<ReplicateVendor> server)
        : base(server) => ((FakeReplicate)Vendor).Clock = server.Clock;

    private protected override bool CanCancel => true;

    private protected override string BadKey => "r8_wrong0123456789abcdefghijklmnopqrstuv";

    private protected override object Request(string prompt) => new { model = "flux-2-klein-4b-text-to-image", input = new { prompt } };
}
