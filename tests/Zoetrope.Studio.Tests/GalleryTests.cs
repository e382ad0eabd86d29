using System.IO.Compression;
using System.Text.Json;
using Microsoft.Playwright;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.Gallery;

namespace Zoetrope.Studio.Tests;

/// <summary>The wall: what is looked for, what is chosen, and what is done with it.</summary>
public sealed class GalleryTests(Scene scene)
{
    [Fact]
    public async Task Several_results_are_starred_collected_downloaded_and_deleted_together()
    {
        await using var window = await scene.OpenAsync();
        await window.GoAsync("/");
        foreach (var words in (string[])["A barn owl, one", "A barn owl, two", "A barn owl, three"])
        {
            await window.MakeAsync(words);
            await window.Run(words).Locator(".tile img").WaitForAsync();
        }

        await window.GoAsync("/gallery?q=barn");
        await window.HeadingAsync("Gallery");
        await window.Page.Locator(".wall .tile img").First.WaitForAsync();
        var tiles = window.Page.Locator(".wall .tile");
        await Assertions.Expect(tiles).ToHaveCountAsync(3);
        await Mark(tiles.Nth(0)).CheckAsync();
        await Mark(tiles.Nth(2)).ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await Assertions.Expect(window.Page.Locator(".tile.chosen")).ToHaveCountAsync(3);
        await tiles.Nth(1).Locator("a").First.ClickAsync();
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Toolbar)).ToContainTextAsync("2 chosen");
        await window.SoundAsync("a selection");
        await window.ShootAsync("gallery-chosen");

        await Bar(window, "Star").ClickAsync();
        await Bar(window, "Take the star away").WaitForAsync();
        var download = await window.Page.RunAndWaitForDownloadAsync(() => Bar(window, "Download").ClickAsync());
        await using (var zip = await ZipFile.OpenReadAsync(await download.PathAsync()))
        {
            Assert.Equal(2, zip.Entries.Count);
            Assert.All(zip.Entries, entry => Assert.Matches(@"^\d{4}-\d\d-\d\d-a-barn-owl-(one|three)-\w{8}\.\w{3,4}$", entry.FullName));
            foreach (var entry in zip.Entries)
            {
                // Reading to the end also compares the sum.
                await using var content = await entry.OpenAsync();
                using var bytes = new MemoryStream();
                await content.CopyToAsync(bytes);
                Assert.Equal(entry.Length, bytes.Length);
            }
        }

        await Bar(window, "Collection").ClickAsync();
        await window.Page.GetByLabel("New collection").FillAsync("Owls & others");
        await window.SoundAsync("the form of a collection");
        await window.Button("Put in").ClickAsync();
        await window.Button("Owls & others").ClickAsync();
        await window.HeadingAsync("Owls & others");
        await window.GoAsync("/gallery/c/Owls%20%26%20others?q=barn");
        await window.HeadingAsync("Owls & others");
        await window.Page.Locator(".wall .tile img").First.WaitForAsync();
        await Assertions.Expect(tiles).ToHaveCountAsync(2);
        await window.SoundAsync("a collection");
        await window.ShootAsync("gallery-collection");

        await Mark(tiles.Nth(0)).CheckAsync();
        await Mark(tiles.Nth(1)).CheckAsync();
        await Bar(window, "Delete").ClickAsync();
        await Assertions.Expect(tiles).ToHaveCountAsync(0);
        await window.Button("Undo").ClickAsync();
        await Assertions.Expect(tiles).ToHaveCountAsync(2);
        await Mark(tiles.Nth(0)).CheckAsync();
        await Bar(window, "Delete").ClickAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Create" }).First.ClickAsync();
        await window.HeadingAsync("Create");
        await window.Page.GoBackAsync();
        await Assertions.Expect(tiles).ToHaveCountAsync(1);
    }

    [Theory]
    [InlineData("/gallery", "/gallery", "")]
    [InlineData("/gallery/stars", "/gallery?star=true", "Starred")]
    [InlineData("/gallery?q=red+fox&kind=video", "/gallery?q=red%20fox&kind=video", "“red fox”, Videos")]
    [InlineData("/gallery?kind=song&page=2", "/gallery", "")]
    [InlineData("/gallery/c/A%2FB%20%26%20c?q=x&q=y", "/gallery/c/A%2FB%20%26%20c?q=x", "“x”, A/B & c")]
    public void An_address_says_what_is_looked_for(string given, string address, string described)
    {
        System.Globalization.CultureInfo.CurrentUICulture = System.Globalization.CultureInfo.GetCultureInfo("en");
        var wanted = Wanted.Read(new Uri("http://localhost" + given))!;

        Assert.Equal((address, described, described.Length > 0), (wanted.Address, wanted.Described, wanted.IsFiltered));
    }

    [Theory]
    [InlineData("/keys")]
    [InlineData("/gallery-of-others")]
    public void Another_page_is_looked_for_nowhere(string address) => Assert.Null(Wanted.Read(new Uri("http://localhost" + address)));

    [Theory]
    [InlineData("b", "b")]
    [InlineData("b b", "")]
    [InlineData("b +d", "bcd")]
    [InlineData("d +b", "bcd")]
    [InlineData("a e b +d +c", "abe")]
    [InlineData("+c", "c")]
    [InlineData("x +c", "cx")]
    public void A_range_is_chosen_from_the_one_before(string presses, string chosen)
    {
        var selection = new Selection();
        foreach (var press in presses.Split(' '))
        {
            selection.Toggle(press[^1..], press[0] == '+', ["a", "b", "c", "d", "e"]);
        }

        Assert.Equal(chosen, string.Concat("abcdex".Where(one => selection.Has(one.ToString()))));
        Assert.Equal(chosen.Length, selection.Count);
    }

    [Theory]
    [InlineData("A red fox, at dusk!", "image/jpeg", "2026-03-01-a-red-fox-at-dusk-00000001.jpg")]
    [InlineData("狐狸 ../../etc", "video/mp4", "2026-03-01-狐狸-etc-00000001.mp4")]
    [InlineData("", "image/png", "2026-03-01-00000001.png")]
    [InlineData("///", "image/svg+xml", "2026-03-01-00000001.svg")]
    public void A_file_in_an_archive_is_named_by_its_day_and_words(string prompt, string type, string name) =>
        Assert.Equal(name, Archive.Of([Made(prompt, type)], default).Files.Single().Name);

    private static ILocator Mark(ILocator tile) => tile.GetByRole(AriaRole.Checkbox);

    private static ILocator Bar(Window window, string name) =>
        window.Page.GetByRole(AriaRole.Toolbar).GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static TaskState Made(string prompt, string type) => new()
    {
        Id = "task_0000000000000000000001",
        Model = "a",
        Status = "completed",
        MediaType = "image",
        Prompt = prompt,
        CreatedAt = "2026-03-01T12:00:00.000Z",
        Result = new TaskFile
        {
            Url = "/files/art_1/output", Type = "image", ContentType = type, Bytes = 12, Sha256 = "", ExpiresAt = "2026-03-02T12:00:00.000Z", Provenance = "none",
        },
        Error = null,
        Progress = 100,
        Mode = "test",
        Provider = "sandbox",
        CreditsUsed = 5,
        ResolvedParams = JsonSerializer.SerializeToElement(new { }),
        Timings = new TaskTimings(null, null, null, 0, null),
    };
}
