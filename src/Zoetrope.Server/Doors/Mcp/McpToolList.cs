using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>The tools, described from the catalogue's current snapshot and again when that is replaced.</summary>
internal sealed class McpToolList
{
    private readonly CatalogHolder _catalog;
    private readonly ImmutableArray<McpTool> _tools;
    private readonly FrozenDictionary<string, McpTool> _byName;
    private Described? _described;

    public McpToolList(CatalogHolder catalog, ModelTools models, GenerateTools generate, TaskTools tasks)
    {
        _catalog = catalog;
        _tools = [.. models.All, .. generate.All, .. tasks.All];
        _byName = _tools.ToFrozenDictionary(tool => tool.Name, StringComparer.Ordinal);
    }

    public IList<Tool> Tools => Now().Tools;

    /// <summary>The arguments that name files, by the catalogue.</summary>
    public ImmutableHashSet<string> FileArguments => Now().Files;

    public McpTool? Find(string name) => _byName.GetValueOrDefault(name);

    private Described Now()
    {
        var catalog = _catalog.Current;
        var described = Volatile.Read(ref _described);
        if (described?.Catalog == catalog)
        {
            return described;
        }

        var words = new CatalogWords(catalog);
        described = new Described(catalog, [.. _tools.Select(tool => Describe(tool, words))], words.FileParameters);
        Volatile.Write(ref _described, described);
        return described;
    }

    private static Tool Describe(McpTool tool, CatalogWords words) => new()
    {
        Name = tool.Name,
        Title = tool.Title,
        Description = tool.Description(words),
        InputSchema = JsonSerializer.SerializeToElement(tool.Input(words)),
        OutputSchema = JsonSerializer.SerializeToElement(tool.Output),
        Annotations = tool.Annotations,
    };

    private sealed record Described(ModelCatalog Catalog, List<Tool> Tools, ImmutableHashSet<string> Files);
}
