using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.ComfyUi;

public sealed class ComfyUiConformanceTests(VendorServer<ComfyUiVendor> server) : ProviderConformance<ComfyUiVendor>(server)
{
    private protected override bool CanCancel => true;

    private protected override object Request(string prompt) => new { model = "house-text-to-image", input = new { prompt, aspect_ratio = "16:9" } };

    // It has no moderation of its own; a paid service's refusal shows only when the graph runs.
    private protected override bool ModeratesSubmits => false;

    [Fact]
    public async Task Prompt_size_and_seed_stand_in_the_graph_and_everything_else_is_the_file()
    {
        Server.Clock.Advance(TimeSpan.FromHours(1));
        var prompt = NewPrompt();
        var task = await AssertEndAsync(await Server.GenerateAsync(new { model = "house-text-to-image", input = new { prompt, aspect_ratio = "16:9", seed = 7 } }), prompt, "completed", 1);

        Assert.Equal("comfyui", task.GetProperty("provider").GetString());
        var graph = Vendor.Jobs.Single(job => job.Accepted.Prompt == prompt).Request.Json["prompt"]!;
        Assert.Equal((7L, 25, 0.0), (graph["3"]!["inputs"]!["seed"]!.GetValue<long>(), graph["3"]!["inputs"]!["steps"]!.GetValue<int>(), graph["5"]!["inputs"]!["width"]!.GetValue<int>() * 9.0 - (graph["5"]!["inputs"]!["height"]!.GetValue<int>() * 16.0)));
    }

    [Fact]
    public async Task Without_a_seed_every_run_gets_another()
    {
        Server.Clock.Advance(TimeSpan.FromHours(1));
        var seeds = new List<long>();
        for (var i = 0; i < 2; i++)
        {
            var prompt = NewPrompt();
            await AssertEndAsync(await Server.GenerateAsync(Request(prompt)), prompt, "completed", 1);
            seeds.Add(Vendor.Jobs.Single(job => job.Accepted.Prompt == prompt).Request.Json["prompt"]!["3"]!["inputs"]!["seed"]!.GetValue<long>());
        }

        Assert.NotEqual(seeds[0], seeds[1]);
    }

    [Fact]
    public async Task An_image_is_uploaded_and_the_node_loads_the_name_it_was_given()
    {
        Server.Clock.Advance(TimeSpan.FromHours(1));
        var png = await FakeMedia.MakeAsync(new ResultShape("png", 64, 64, 0, 0, false));
        var prompt = NewPrompt();
        var id = await Server.GenerateAsync(new { model = "house-image-to-image", input = new { prompt, image_urls = new[] { $"data:image/png;base64,{Convert.ToBase64String(png)}" }, strength = 0.4 } });

        await AssertEndAsync(id, prompt, "completed", 1);

        var graph = Vendor.Jobs.Single(job => job.Accepted.Prompt == prompt).Request.Json["prompt"]!;
        var loaded = graph["10"]!["inputs"]!["image"]!.GetValue<string>();
        Assert.EndsWith(" (1).png", loaded);
        Assert.Equal(png, ((FakeComfyUi)Vendor).Uploads[loaded]);
        Assert.Equal(0.4, graph["3"]!["inputs"]!["denoise"]!.GetValue<double>());
    }

    [Fact]
    public async Task What_a_failed_run_tells_names_no_path_of_the_server()
    {
        Server.Clock.Advance(TimeSpan.FromHours(1));
        var prompt = NewPrompt();
        Vendor.Books.PlanFor(prompt, new JobPlan { Polls = [PollAnswer.Failed] });
        var task = await AssertEndAsync(await Server.GenerateAsync(Request(prompt)), prompt, "GENERATION_FAILED", 1);

        Assert.Contains("mat1 and mat2", task.ToString());
        Assert.DoesNotContain("secret", task.ToString());
    }
}

public sealed class ComfyUiVendor : IFakeVendorMaker
{
    FakeVendor IFakeVendorMaker.Make() => new FakeComfyUi();
}
