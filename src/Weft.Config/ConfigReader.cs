using Google.Protobuf;
using Weft.Config.Binding;
using Weft.Config.Checks;
using Weft.Config.Support;
using Weft.Config.Syntax;
using Weft.Config.Types;
using Weft.Config.Upgrade;

namespace Weft.Config;

/// <summary>
/// Reads configuration text into messages: binds it, enforces the rules the API declares, and lists what Weft does not implement. All
/// faults of a run are collected in the context, never thrown. Main thread only.
/// </summary>
public static class ConfigReader
{
    /// <summary>The file name that stands in positions of text given by <c>--config-yaml</c>.</summary>
    public const string InlineName = "--config-yaml";

    /// <summary>Reads a file and text given on the command line, which is merged over the file as protobuf merges.</summary>
    /// <param name="path">The file: YAML, JSON (.json) or binary (.pb); null for none.</param>
    /// <param name="inlineYaml">YAML text; null for none.</param>
    /// <param name="options">What to let pass.</param>
    /// <param name="context">Takes the findings and the positions.</param>
    /// <returns>What could be bound, even with errors; look at <see cref="Findings.HasErrors"/>.</returns>
    public static T Read<T>(string? path, string? inlineYaml, ReadOptions options, ConfigContext context)
        where T : class, IMessage<T>, new()
    {
        var message = new T();
        if (path is not null && !ReadFile(message, path, options, context)) return message;
        if (inlineYaml is not null && !Bind(message, inlineYaml, InlineName, options, context, overlay: path is not null)) return message;
        if (path is not null && IsBinary(path)) Check(message, "", options, context);
        else CheckBound(message, options, context);
        return message;
    }

    /// <summary>Reads a text; its name decides whether it is JSON (<c>.json</c>) or YAML, and stands in the positions.</summary>
    public static T ReadText<T>(string text, string name, ReadOptions options, ConfigContext context)
        where T : class, IMessage<T>, new()
    {
        var message = new T();
        if (Bind(message, text, name, options, context, overlay: false)) CheckBound(message, options, context);
        return message;
    }

    /// <summary>
    /// Checks a message that did not come from text, such as a resource of an xDS response: puts in the defaults of extensions that give
    /// only their name, names fields that the API does not have, enforces its rules, lists what is not implemented.
    /// </summary>
    /// <param name="message">The message; extensions inside of it get their defaults.</param>
    /// <param name="name">How its paths begin, such as <c>resources[0]</c>; may be empty.</param>
    /// <param name="options">What to let pass.</param>
    /// <param name="context">Takes the findings.</param>
    public static void Check(IMessage message, string name, ReadOptions options, ConfigContext context)
    {
        context.Origins.AddTree(message, FieldPath.Named(name));
        new MessageWalk(context,
            new ExtensionDefaultsFill(context),
            UnknownFieldCheck.Of(message, options, context),
            new RuleCheck(context),
            new SupportCheck(options, context, ExtensionTable.Default),
            new DeprecationCheck(context)).Walk(message);
    }

    private static void CheckBound(IMessage message, ReadOptions options, ConfigContext context)
        => new MessageWalk(context, new RuleCheck(context), new SupportCheck(options, context, ExtensionTable.Default), new DeprecationCheck(context)).Walk(message);

    private static bool ReadFile(IMessage message, string path, ReadOptions options, ConfigContext context)
    {
        try
        {
            if (IsBinary(path)) return MergeBinary(message, path);
            if (path.EndsWith(".pb_text", StringComparison.OrdinalIgnoreCase)) throw new IOException("the protobuf text format is not implemented yet");
            return Bind(message, File.ReadAllText(path), path, options, context, overlay: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidProtocolBufferException)
        {
            context.IsFileMissing = e is FileNotFoundException or DirectoryNotFoundException;
            context.Findings.Add(new Finding(Severity.Error, new SourcePosition(path, 0, 0), "", $"unable to read the file: {e.Message}"));
            return false;
        }
    }

    private static bool IsBinary(string path) => path.EndsWith(".pb", StringComparison.OrdinalIgnoreCase);

    private static bool MergeBinary(IMessage message, string path)
    {
        message.MergeFrom(File.ReadAllBytes(path));
        return true;
    }

    private static bool Bind(IMessage message, string text, string name, ReadOptions options, ConfigContext context, bool overlay)
    {
        try
        {
            var root = Parse(text, name, context);
            if (root is null or { IsNull: true }) return overlay || ReportEmpty(name, context);
            new Binder(options, context, overlay).Bind(message, InVersion3(root, message, context), FieldPath.Root);
            return true;
        }
        catch (SyntaxFault fault)
        {
            context.Findings.Add(new Finding(Severity.Error, fault.Position, "", fault.Message));
            return false;
        }
    }

    /// <summary>A file that somebody is about to write again has nothing in it for a moment: that does not mean "nothing at all".</summary>
    private static bool ReportEmpty(string name, ConfigContext context)
    {
        context.Findings.Add(new Finding(Severity.Error, new SourcePosition(name, 1, 1), "", "there is nothing in it; {} would say that nothing is wanted"));
        return false;
    }

    private static Node InVersion3(Node root, IMessage message, ConfigContext context)
    {
        var upgrade = new VersionUpgrade();
        root = upgrade.Upgrade(root, MessageSchema.Of(message));
        if (upgrade.Changes.Count > 0)
        {
            var (position, what) = upgrade.Changes[0];
            var others = upgrade.Changes.Count == 1 ? "" : $" and at {upgrade.Changes.Count - 1} more places";
            context.Findings.Add(new Finding(Severity.Warning, position, "",
                $"this is the v2 API here ({what}){others}: it is read as v3, and `weft config upgrade` writes it as v3"));
        }

        return root;
    }

    internal static Node? Parse(string text, string name, ConfigContext context)
    {
        if (name.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) return JsonReader.Read(text, name);
        var root = YamlReader.Read(text, name, out var second);
        if (second is not null) context.Findings.Add(new Finding(Severity.Warning, second, "", "a second document begins here; only the first one is read"));
        return root;
    }
}
