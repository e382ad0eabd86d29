using Microsoft.Playwright;

namespace Zoetrope.Studio.Tests;

/// <summary>The studio without a mouse.</summary>
public sealed class KeyboardTests(Scene scene)
{
    [Fact]
    public async Task Pages_and_acts_are_reached_by_name_and_by_letters_that_can_be_switched_off()
    {
        await using var window = await scene.OpenAsync();
        var keys = window.Page.Keyboard;
        await window.GoAsync("/gallery");
        await window.HeadingAsync("Gallery");
        await window.Page.Locator(".filters").WaitForAsync();

        await keys.PressAsync("Control+k");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Combobox, new() { Name = "Search or jump to…" })).ToBeFocusedAsync();
        await window.SoundAsync("the palette");
        await keys.TypeAsync("budg");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Option)).ToHaveCountAsync(2);
        await window.ShootAsync("palette");
        await keys.PressAsync("Enter");
        await window.HeadingAsync("Budgets");

        await keys.PressAsync("Control+k");
        await keys.TypeAsync("red fox");
        await keys.PressAsync("Enter");
        await window.Page.WaitForURLAsync("**/gallery?q=red%20fox");

        await keys.PressAsync("g");
        await keys.PressAsync("w");
        await window.HeadingAsync("Webhooks");
        await keys.PressAsync("?");
        var help = window.Page.GetByRole(AriaRole.Dialog, new() { Name = "Keyboard shortcuts" });
        await help.WaitForAsync();
        await window.SoundAsync("the shortcuts");
        await window.ShootAsync("shortcuts");
        await help.GetByRole(AriaRole.Switch).UncheckAsync();
        await keys.PressAsync("Escape");
        await keys.PressAsync("g");
        await keys.PressAsync("u");
        await keys.PressAsync("?");
        await keys.PressAsync("Control+k");
        await window.Page.GetByRole(AriaRole.Combobox).WaitForAsync();
        await Assertions.Expect(help).ToBeHiddenAsync();
        await keys.PressAsync("Escape");
        await window.HeadingAsync("Webhooks");
    }

    [Fact]
    public async Task Letters_are_letters_where_somebody_writes_and_an_empty_box_remembers()
    {
        await using var window = await scene.OpenAsync();
        await window.GoAsync("/");
        await window.MakeAsync("A windmill, first");
        await window.Run("A windmill, first").Locator(".tile img").WaitForAsync();
        await window.MakeAsync("A windmill, second");
        await window.Run("A windmill, second").Locator(".tile img").WaitForAsync();
        await window.Prompt.FillAsync("");
        await window.Prompt.PressAsync("ArrowUp");
        await Assertions.Expect(window.Prompt).Not.ToHaveValueAsync("");
        var last = await window.Prompt.InputValueAsync();
        await window.Prompt.PressAsync("ArrowUp");
        await Assertions.Expect(window.Prompt).Not.ToHaveValueAsync(last);
        await window.Prompt.PressAsync("ArrowDown");
        await Assertions.Expect(window.Prompt).ToHaveValueAsync(last);
        await window.Prompt.PressAsync("ArrowDown");
        await Assertions.Expect(window.Prompt).ToHaveValueAsync("");
        await window.Prompt.PressSequentiallyAsync("g g ? t /");
        await Assertions.Expect(window.Prompt).ToHaveValueAsync("g g ? t /");
        await window.HeadingAsync("Create");
    }
}
