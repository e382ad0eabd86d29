namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>A fingerprint of the settings that all nodes should share; two nodes that differ decide differently.</summary>
internal sealed record SettingsPrint(string Text);
