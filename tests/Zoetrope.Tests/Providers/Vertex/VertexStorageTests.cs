using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Vertex;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Vertex;

public sealed class VertexStorageVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new FakeVertexStorage();
}

/// <summary>With a folder in Cloud Storage results are read there, and a lost answer is found by the file that its attempt wrote.</summary>
public sealed class VertexStorageTests(VendorServer<VertexStorageVendor> server) : IClassFixture<VendorServer<VertexStorageVendor>>
{
    [Fact]
    public void Attempts_can_be_asked_for() => Assert.Equal(EvidenceClass.QueryByOurId, server.Adapter.Evidence);

    [Theory]
    [InlineData(nameof(SubmitFault.None), "completed", 1)]
    [InlineData(nameof(SubmitFault.ErrorAfterAcceptance), "completed", 1)]
    [InlineData(nameof(SubmitFault.ResetAfterAcceptance), "completed", 1)]
    [InlineData(nameof(SubmitFault.MalformedAfterAcceptance), "completed", 1)]
    [InlineData(nameof(SubmitFault.ErrorBeforeAcceptance), "OUTCOME_UNKNOWN", 0)]
    [InlineData(nameof(SubmitFault.Refused), "INPUT_REFUSED", 0)]
    public async Task A_lost_answer_is_found_by_its_file(string fault, string end, int jobs) =>
        Assert.Equal((end, jobs), await RunAsync(fault, new JobPlan { Submit = Enum.Parse<SubmitFault>(fault), Polls = [PollAnswer.Running, PollAnswer.Succeeded] }));

    [Theory]
    [InlineData(nameof(ResultFault.None), "completed")]
    [InlineData(nameof(ResultFault.Html), "BAD_OUTPUT")]
    [InlineData(nameof(ResultFault.Gone), "BAD_OUTPUT")]
    [InlineData(nameof(ResultFault.RedirectToPrivateAddress), "BAD_OUTPUT")]
    public async Task A_file_in_the_bucket_is_read_with_the_token(string fault, string end) =>
        Assert.Equal((end, 1), await RunAsync("file " + fault, new JobPlan { Polls = [PollAnswer.Succeeded], Result = Enum.Parse<ResultFault>(fault) }));

    [Theory]
    [InlineData("us central", "", "https://storage.googleapis.com/", "Zoetrope__Vertex__Location")]
    [InlineData("../x", "", "https://storage.googleapis.com/", "Zoetrope__Vertex__Location")]
    [InlineData("us-central1", "bucket/folder", "https://storage.googleapis.com/", "Zoetrope__Vertex__StorageUri")]
    [InlineData("us-central1", "", "storage.googleapis.com", "Zoetrope__Vertex__StorageUrl")]
    public void A_setting_that_cannot_be_used_is_told_by_its_name(string location, string storageUri, string storageUrl, string name)
    {
        var toolbox = (ProviderToolbox)server.Services.GetService(typeof(ProviderToolbox))!;
        var tools = toolbox.For(VertexAdapter.Vendor, new ProviderOptions { ApiKey = "/key.json" })!;

        var refused = Assert.Throws<InvalidOperationException>(() => new VertexAdapter(tools, new VertexOptions { Location = location, StorageUri = storageUri, StorageUrl = storageUrl }));

        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    private async Task<(string End, int Jobs)> RunAsync(string what, JobPlan plan)
    {
        server.Clock.Advance(TimeSpan.FromHours(1));
        var prompt = $"A red fox in the snow: {what}";
        server.Vendor.Books.PlanFor(prompt, plan);
        var task = await server.EndAsync(await server.GenerateAsync(new { model = "veo-3-1-lite-text-to-video", prompt, input = new { duration = 4 } }));
        Assert.Empty(server.Vendor.Violations);
        await server.Api.AssertLedgerIsCleanAsync();
        var end = task.GetProperty("status").GetString() == "failed" ? task.GetProperty("error").GetProperty("code").GetString() : task.GetProperty("status").GetString();
        return (end!, server.Vendor.Books.Accepted.Count(job => job.Prompt == prompt));
    }
}
