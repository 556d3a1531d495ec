using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Weft.Api
{
    /// <summary>
    /// Makes the accessors of fields and oneofs when they are first used. The library makes them all when a file is loaded, and each takes
    /// generic types and methods of its own that have to be compiled: half of what a start compiles, for some hundred fields that a
    /// configuration has and some thousand that it has not. Safe for use from several threads: what two make at once is the same.
    /// </summary>
    public static class LateAccessors
    {
        private static readonly ConcurrentDictionary<OneofDescriptor, string> NamesOfOneofs = new();

        /// <summary>Tells which field of a oneof is set. Of generated messages only this way: <see cref="OneofDescriptor.Accessor"/> may not be there yet.</summary>
        public static OneofAccessor AccessorOf(OneofDescriptor oneof)
        {
            if (oneof.Accessor is null && NamesOfOneofs.TryGetValue(oneof, out var name))
                AccessorField(oneof) = CreateAccessor(oneof, name);
            return oneof.Accessor!;
        }

        /// <summary>Builds a file without its accessors, and leaves word of how to make them.</summary>
        internal static FileDescriptor Build(GeneratedClrTypeInfo types, Func<FileDescriptor> build)
        {
            // Without a name the library makes no accessor.
            var names = new Dictionary<Type, (string[] Fields, string[] Oneofs)>();
            TakeNames(types, names);
            var file = build();
            foreach (var message in file.MessageTypes)
                GiveNames(message, names);
            return file;
        }

        private static void TakeNames(GeneratedClrTypeInfo types, Dictionary<Type, (string[] Fields, string[] Oneofs)> names)
        {
            foreach (var type in types.NestedTypes)
            {
                // Null: the entries of a map.
                if (type is null)
                    continue;
                names[type.ClrType] = ([.. type.PropertyNames], [.. type.OneofNames]);
                Array.Clear(type.PropertyNames);
                Array.Clear(type.OneofNames);
                TakeNames(type, names);
            }
        }

        private static void GiveNames(MessageDescriptor message, Dictionary<Type, (string[] Fields, string[] Oneofs)> names)
        {
            if (message.ClrType is null)
                return;
            var (fields, oneofs) = names[message.ClrType];
            for (var i = 0; i < fields.Length; i++)
            {
                var field = message.Fields.InDeclarationOrder()[i];
                NameField(field) = fields[i];
                AccessorField(field) = new LateFieldAccessor(field);
            }

            for (var i = 0; i < oneofs.Length; i++)
                NamesOfOneofs[message.Oneofs[i]] = oneofs[i];
            foreach (var nested in message.NestedTypes)
                GiveNames(nested, names);
        }

        // Private members of the library, so bound to the pinned version of the package.
        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<PropertyName>k__BackingField")]
        private static extern ref string NameField(FieldDescriptor field);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "accessor")]
        private static extern ref IFieldAccessor AccessorField(FieldDescriptor field);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "accessor")]
        private static extern ref OneofAccessor AccessorField(OneofDescriptor oneof);

        [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "CreateAccessor")]
        private static extern IFieldAccessor CreateAccessor(FieldDescriptor field);

        [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "CreateAccessor")]
        private static extern OneofAccessor CreateAccessor(OneofDescriptor oneof, string name);

        /// <summary>Stands in until the field is first used.</summary>
        private sealed class LateFieldAccessor(FieldDescriptor descriptor) : IFieldAccessor
        {
            public FieldDescriptor Descriptor => descriptor;

            public void Clear(IMessage message) => Made().Clear(message);

            public object GetValue(IMessage message) => Made().GetValue(message);

            public bool HasValue(IMessage message) => Made().HasValue(message);

            public void SetValue(IMessage message, object value) => Made().SetValue(message, value);

            private IFieldAccessor Made()
            {
                // The accessor of a field asks that of its oneof.
                if (descriptor.RealContainingOneof is { } oneof)
                    _ = AccessorOf(oneof);
                return AccessorField(descriptor) = CreateAccessor(descriptor);
            }
        }
    }
}
