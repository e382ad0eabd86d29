namespace Zoetrope.Server;
internal static class Program { private static void Main() { } }
