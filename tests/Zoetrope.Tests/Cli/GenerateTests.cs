using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Cli;

/// <summary>The commands that make something, as processes against the real server.</summary>
public sealed class GenerateTests(CliServer server) : IClassFixture<CliServer>, IDisposable
{
    private const string Model = "nano-banana-text-to-image";
    private readonly CliShell _shell = server.Shell();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task A_file_is_saved_under_the_prompts_name_and_only_its_path_is_on_stdout()
    {
        var run = (await _shell.RunAsync("generate", Model, "A red fox, at sunset!", "-a", "1:1")).Expect(0);

        Assert.Matches("^a-red-fox-at-sunset-[a-z0-9]{8}\\.(png|jpg|webp)$", run.Line);
        Assert.True(new FileInfo(_shell.File(run.Line)).Length > 1000);
        Assert.Contains("completed", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Error);
        Assert.DoesNotContain(server.Customer.Key, run.Out + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_the_task_with_its_files_and_nothing_else()
    {
        var run = (await _shell.RunAsync("generate", Model, "A red fox", "-o", "made/", "--json")).Expect(0);

        Assert.Equal("completed", run.Json.GetProperty("status").GetString());
        var file = Assert.Single(run.Json.GetProperty("files").EnumerateArray());
        Assert.Equal(file.GetProperty("bytes").GetInt64(), new FileInfo(file.GetProperty("path").GetString()!).Length);
        Assert.StartsWith(Path.Combine(_shell.Directory, "made"), file.GetProperty("path").GetString(), StringComparison.Ordinal);
        Assert.Equal("", run.Error);
    }

    [Fact]
    public async Task A_prompt_comes_from_a_pipe_and_the_file_goes_into_one()
    {
        var run = (await _shell.ScriptAsync("echo 'a blue cat' | zoetrope image - -o - > cat.bin && zoetrope tasks --limit 1 --json")).Expect(0);

        Assert.Equal("a blue cat", run.Json[0].GetProperty("prompt").GetString());
        Assert.Equal(run.Json[0].GetProperty("result").GetProperty("bytes").GetInt64(), new FileInfo(_shell.File("cat.bin")).Length);
    }

    [Fact]
    public async Task Image_and_video_choose_the_first_model_that_fits()
    {
        var image = (await _shell.RunAsync("image", "A red fox", "--estimate", "--json")).Expect(0);
        var edited = (await _shell.RunAsync("image", "At night", "-i", TestMedia.Png, "--estimate", "--json")).Expect(0);
        var family = (await _shell.RunAsync("image", "At night", "-m", "nano-banana-pro", "-i", TestMedia.Png, "--estimate", "--json")).Expect(0);
        var video = (await _shell.RunAsync("video", "A red fox", "-d", "5", "--estimate", "--json")).Expect(0);
        var none = (await _shell.RunAsync("image", "A red fox", "-m", "nothing")).Expect(1);

        Assert.EndsWith("text-to-image", image.Json.GetProperty("model").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("image-to-image", edited.Json.GetProperty("model").GetString(), StringComparison.Ordinal);
        Assert.Equal("nano-banana-pro-image-to-image", family.Json.GetProperty("model").GetString());
        Assert.Equal(5, video.Json.GetProperty("output").GetProperty("duration").GetDouble());
        Assert.Contains("zoetrope models", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_shows_text_as_it_is()
    {
        const string words = "a+b & \\\"c\\\" 'd' <e> été　日本 🦊";
        var made = (await _shell.RunAsync("generate", Model, words.Replace("\\", "", StringComparison.Ordinal), "--no-wait", "--json")).Expect(0).Json.GetProperty("id").GetString()!;

        Assert.Contains(words, (await _shell.RunAsync("tasks", "get", made, "--json")).Expect(0).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_family_is_enough_however_it_is_written()
    {
        var plain = (await _shell.RunAsync("generate", "Seedance 2.0", "A red fox", "--estimate", "--json")).Expect(0);
        var picture = (await _shell.RunAsync("generate", "Veo 3.1", "At night", "-i", TestMedia.Png, "--estimate", "--json")).Expect(0);
        var set = (await _shell.RunAsync("generate", "nano banana", "At night", "--set", $"image_urls=@{TestMedia.Png}", "--estimate", "--json")).Expect(0);
        var video = (await _shell.RunAsync("video", "A red fox", "-m", "veo-3.1", "--estimate", "--json")).Expect(0);
        var several = (await _shell.RunAsync("generate", "FLUX 2", "A red fox", "--estimate", "--json")).Expect(2);
        var other = (await _shell.RunAsync("image", "A red fox", "-m", "Seedance 2.0")).Expect(1);
        var shown = (await _shell.RunAsync("models", "veo_3.1")).Expect(0);

        Assert.Equal("seedance-2-0-text-to-video", plain.Json.GetProperty("model").GetString());
        Assert.Equal("veo-3-1-image-to-video", picture.Json.GetProperty("model").GetString());
        Assert.Equal("nano-banana-image-to-image", set.Json.GetProperty("model").GetString());
        Assert.Equal("veo-3-1-text-to-video", video.Json.GetProperty("model").GetString());
        Assert.Contains("flux-2-pro-text-to-image", several.JsonError.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("zoetrope video --model seedance-2-0-text-to-video", other.Error, StringComparison.Ordinal);
        Assert.Contains("veo-3-1-text-to-video", shown.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_local_file_is_uploaded_and_edited()
    {
        var run = (await _shell.RunAsync("generate", "nano-banana-image-to-image", "At night", "--set", $"image_urls=@{TestMedia.Png}", "-o", "night.png", "--json")).Expect(0);

        Assert.Equal("completed", run.Json.GetProperty("status").GetString());
        Assert.True(File.Exists(_shell.File("night.png")));
    }

    [Fact]
    public async Task Upscale_takes_a_local_file()
    {
        var run = (await _shell.RunAsync("upscale", TestMedia.Png, "--factor", "2", "-o", "large.jpg")).Expect(0);

        Assert.Equal("large.jpg", run.Line);
        Assert.Contains("640×480", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_estimate_costs_nothing_and_its_number_stands_alone()
    {
        var before = await server.Zoetrope.Api.CreditsAsync(server.Customer);
        var run = (await _shell.RunAsync("generate", "seedance-2-0-text-to-video", "A red fox", "-d", "10", "--estimate")).Expect(0);

        Assert.True(long.Parse(run.Line) > 0);
        Assert.Equal(0, (await server.Zoetrope.Api.GetAsync(server.Customer, "/api/v1/tasks?limit=1&model=seedance-2-0-text-to-video")).Data.GetProperty("tasks").GetArrayLength());
        Assert.InRange(await server.Zoetrope.Api.CreditsAsync(server.Customer), 1, before);
    }

    [Fact]
    public async Task A_task_that_fails_ends_with_3_and_says_why()
    {
        var text = (await _shell.RunAsync("generate", Model, "A fox [[moderated]]")).Expect(3);
        var json = (await _shell.RunAsync("generate", Model, "A fox [[fail]]", "--json")).Expect(3);

        Assert.Contains("error: CONTENT_REFUSED:", text.Error, StringComparison.Ordinal);
        Assert.Contains("not charged", text.Error, StringComparison.Ordinal);
        Assert.Equal("", text.Out + json.Out);
        Assert.Equal("GENERATION_FAILED", json.JsonError.GetProperty("code").GetString());
        Assert.StartsWith("task_", json.JsonError.GetProperty("taskId").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_ends_with_2_and_says_how_to_mend_it()
    {
        var field = (await _shell.RunAsync("generate", "seedance-2-0-text-to-video", "A fox", "-d", "99")).Expect(2);
        var json = (await _shell.RunAsync("generate", "no-such-model", "A fox", "--json")).Expect(2);

        Assert.Contains("duration", field.Error, StringComparison.Ordinal);
        Assert.Contains("allowed:", field.Error, StringComparison.Ordinal);
        Assert.Equal(("INVALID_MODEL", 2), (json.JsonError.GetProperty("code").GetString(), json.JsonError.GetProperty("exitCode").GetInt32()));
    }

    [Fact]
    public async Task What_cannot_be_written_is_refused_before_anything_is_paid()
    {
        var missing = (await _shell.RunAsync("generate", Model, "A very own fox", "-o", "no/such/fox.png")).Expect(5);
        var absent = (await _shell.RunAsync("image", "A very own fox", "-i", "absent.png")).Expect(5);
        var text = (await _shell.ScriptAsync($"echo words > a.png; zoetrope image 'A very own fox' -i a.png")).Expect(5);
        var both = (await _shell.RunAsync("generate", Model, "A very own fox", "-o", "-", "--json")).Expect(1);

        Assert.Contains("/no/such does not exist", missing.Error, StringComparison.Ordinal);
        Assert.Contains("The file absent.png does not exist", absent.Error, StringComparison.Ordinal);
        Assert.Contains("is not an image, video or sound", text.Error, StringComparison.Ordinal);
        Assert.Contains("both want stdout", both.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("A very own fox", (await server.Zoetrope.Api.GetAsync(server.Customer, "/api/v1/tasks?limit=100")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_leaves_the_task_running_and_says_how_to_go_on()
    {
        await using var process = _shell.Start("generate", Model, "A fox [[slow:3s]]");
        await process.LineAsync(line => line.Contains("running", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
        await InterruptAsync(process);

        Assert.Equal(130, await process.ExitCodeAsync(TimeSpan.FromMinutes(1)));
        var id = process.StandardError.Split(["zoetrope tasks wait "], StringSplitOptions.None)[1].Split(' ')[0];
        Assert.Contains($"zoetrope cancel {id}", process.StandardError, StringComparison.Ordinal);
        var waited = (await _shell.RunAsync("tasks", "wait", id, "-o", "later.png")).Expect(0);
        Assert.Equal("later.png", waited.Line);
    }

    [Fact]
    public async Task Without_waiting_the_id_is_the_answer_and_the_order_can_be_repeated()
    {
        string[] order = ["generate", Model, "A fox", "--no-wait", "--idempotency-key", "order-1"];
        var first = (await _shell.RunAsync(order)).Expect(0);
        var second = (await _shell.RunAsync(order)).Expect(0);

        Assert.StartsWith("task_", first.Line, StringComparison.Ordinal);
        Assert.Equal(first.Line, second.Line);
    }

    [Fact]
    public async Task A_key_that_asks_is_answered_with_confirm()
    {
        var key = await server.Zoetrope.Api.CreateKeyAsync(server.Customer.AccountId, limits: new { askAbove = 1 });
        _shell.Environment["ZOETROPE_API_KEY"] = key;
        var asked = (await _shell.RunAsync("generate", Model, "A fox", "--no-wait")).Expect(2);
        var confirmed = (await _shell.RunAsync("generate", Model, "A fox", "--no-wait", "--confirm")).Expect(0);

        Assert.Contains("CONFIRMATION_REQUIRED", asked.Error, StringComparison.Ordinal);
        Assert.Contains("--confirm", asked.Error, StringComparison.Ordinal);
        Assert.StartsWith("task_", confirmed.Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_shows_the_file()
    {
        var run = (await _shell.ScriptAsync(
            $$"""
            mkdir bin && printf '#!/bin/sh\nprintf %%s "$1" > "%s/opened.part" && mv "%s/opened.part" "%s/opened"\n' "$PWD" "$PWD" "$PWD" > bin/xdg-open && chmod +x bin/xdg-open
            PATH="$PWD/bin:$PATH"; zoetrope generate {{Model}} 'A fox' -o fox.png --open
            for i in $(seq 300); do [ -e opened ] && break; sleep 0.1; done; cat opened
            """)).Expect(0);

        Assert.EndsWith(_shell.File("fox.png"), run.Out.TrimEnd('\n'), StringComparison.Ordinal);
    }

    internal static async Task InterruptAsync(ChildProcess process)
    {
        await using var kill = ChildProcess.TryStart("kill", ["-INT", process.Id.ToString()])!;
        await kill.ExitCodeAsync(Until.Patience);
    }
}
